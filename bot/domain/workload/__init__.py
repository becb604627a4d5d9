"""What runs on a cluster: jobs, their attempts, how each ended, and what a failed one leaves behind."""
