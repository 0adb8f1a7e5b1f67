/** Entry of the lazily loaded bundle that sets formulas. */
import "katex/dist/katex.css";
export { default as katex } from "katex";
