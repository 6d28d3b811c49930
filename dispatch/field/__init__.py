"""Services as they happen: status by status, position, signature, proof of delivery; the phone pages."""
