"""Who may do it, who will do it, at what price: vendors, their fleets and papers, offers and awards."""
