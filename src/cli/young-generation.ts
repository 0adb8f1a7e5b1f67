/**
 * V8 lets the space for young objects grow to 48 MB while connections come, and never gives it back. Kept as it is when the
 * program begins, a thousand quiet connections take 8 MB less, and a busy server is not slower (docs/server.md, Sizing).
 * Imported first of all, since loading the rest makes it grow already.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");
