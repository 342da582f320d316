"""Rules of an order's life: placing, cancelling, holds, fulfillment, parcels."""
