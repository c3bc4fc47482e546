"""What is computed from series of charges: explanations, forecasts, anomalies, savings. Pure, and fast with numpy."""
