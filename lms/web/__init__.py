"""The only place that knows Flask: five surfaces, each one guard with nested blueprints."""
