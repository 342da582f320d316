"""The routes: translate, submit, answer. Nothing here decides about the business."""
