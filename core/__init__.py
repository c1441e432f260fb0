"""The bottom of the house: errors, bases of models, views and forms, and the interface's components.

Closed list: canonical, components, constraints, dev_views, exceptions, fields, forms, models, pages,
templatetags, times, urls, versioned, views. What two apps share and what knows no domain word may be
added here; nothing else.
"""
