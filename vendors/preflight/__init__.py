"""Would this be paid? Pure rules over coverage, authorization and papers, asked before anything is booked."""
