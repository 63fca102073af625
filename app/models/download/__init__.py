"""Downloads: files from the hub, fetched until they are whole and right."""
