"""Care plans: what must happen for a patient, who sees to it, by when, and what comes before what."""
