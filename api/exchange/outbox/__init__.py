"""What goes out: deliveries are rows of the control store, made from what the topics tell, sent one way for all."""
