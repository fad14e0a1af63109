"""Stories in text: what people do in two trackers, and what they may rely on afterwards. Read any ``*.story``."""
