"""Setting a clinic up without a file: hours, chairs, people, plans, going live, and a clinic to practise at."""
