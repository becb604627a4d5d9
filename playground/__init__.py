"""A local cluster and a local Slack-shaped workspace, for failures demo and the tests."""
