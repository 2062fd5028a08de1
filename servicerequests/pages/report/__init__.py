"""Filing a report: one question a page, without JavaScript, without a session."""
