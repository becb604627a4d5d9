"""A Slack-shaped workspace: Web API, Socket Mode, response_url, views."""
