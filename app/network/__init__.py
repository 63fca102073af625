"""The only door to the network: what may pass it, and the ledger of all that did."""
