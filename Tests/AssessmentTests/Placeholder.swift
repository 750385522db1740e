// removed when the first test is here
