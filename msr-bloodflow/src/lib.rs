//! Quasi-static blood flow and pressure in vasculature graphs, with vessel dilation.
