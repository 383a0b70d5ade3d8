from csv import writer as writer
