/** The formats that an export is offered in. A new one is a row here. */
import type { ExportModel } from "../../core/export/export-model.ts";
import { writeMarkdownReport } from "../../core/export/markdown-report.ts";
import { writeWebAnnotations } from "../../core/export/web-annotation.ts";

export interface ExportFormat {
  id: string;
  /** As the quick pick lists it. */
  label: string;
  detail: string;
  /** Endings of its files without the dot, the usual one first; what comes before the last dot marks our own. */
  extensions: readonly [string, ...string[]];
  /** The file's content; text is written as UTF-8. */
  write(model: ExportModel): string | Uint8Array;
}

export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    id: "markdown",
    label: "Markdown Report",
    detail: "Threads by section with their quotes; claims, evidence and sources listed. For reading and for notes.",
    extensions: ["md"],
    write: writeMarkdownReport,
  },
  {
    id: "web-annotation",
    label: "W3C Web Annotations (JSON-LD)",
    detail: "The standard of the field. For other annotation tools and for programs.",
    extensions: ["jsonld", "json"],
    write: writeWebAnnotations,
  },
];
