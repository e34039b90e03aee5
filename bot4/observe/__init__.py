"""What a running pipeline says about itself: metrics, each in one catalogue, as Prometheus text."""
