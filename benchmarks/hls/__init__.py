"""Those who watch by HLS: how late they are, and what they cost."""
