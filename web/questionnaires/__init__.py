"""Pages on which a questionnaire is answered: by the patient at a link or on the clinic's tablet, or by who is told."""
