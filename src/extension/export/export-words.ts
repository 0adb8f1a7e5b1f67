/** Names and sentences of an export: pure. */

/** A file name beside the article's: `essay.md` becomes `essay.annotations.md`. Safe on every system. */
export function exportName(articleFileName: string, extension: string): string {
  const stem = articleFileName
    .replace(/\.[^.\\/]*$/, "")
    .replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, "-")
    .replaceAll(/^[\s.]+|[\s.]+$/g, "")
    .slice(0, 120);
  return `${stem || "article"}.annotations.${extension}`;
}

/** Why a file could not be written, in a sentence. `error` is whatever the file system threw. */
export function writeFailure(error: unknown): string {
  const said =
    error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.name} ${error.message}` : "";
  if (/ENOSPC|no space|disk full|EDQUOT|quota/i.test(said)) {
    return "The export was not written: the disk is full. Make room, or choose another place.";
  }
  if (/NoPermissions|EACCES|EPERM|EROFS|read-?only|permission/i.test(said)) {
    return "The export was not written: this place is read-only. Choose another place.";
  }
  if (/FileNotFound|ENOENT|ENOTDIR/i.test(said)) {
    return "The export was not written: its folder does not exist any more. Choose another place.";
  }
  if (/FileIsADirectory|EISDIR/i.test(said)) {
    return "The export was not written: there is a folder of that name. Choose another name.";
  }
  return "The export was not written. Choose another place or another name.";
}
