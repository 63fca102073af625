"""What has to be done once before `make run` and `make test` can start; standard library only."""
