"""The demo clinic: synthetic people, open whenever it is opened, its day always today."""
