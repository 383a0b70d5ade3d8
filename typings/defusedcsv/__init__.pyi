from defusedcsv import csv as csv
