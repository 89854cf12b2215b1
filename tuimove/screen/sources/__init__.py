"""Where a screen's runs come from: trained here, by another process, or recorded."""
