/**
 * Every command of the extension, once. The manifest repeats ids and titles because it must; a test holds the two together.
 * `where` says how a command may be reached: from the palette, or only from a menu, a tree or a link that brings arguments.
 */
export interface CommandRow {
  id: string;
  title: string;
  where: "palette" | "menu";
}

export const COMMANDS = [
  { id: "marginalia.reader.open", title: "Open in Reading View", where: "palette" },
  { id: "marginalia.reader.openRecent", title: "Open Recent Article...", where: "palette" },
  { id: "marginalia.source.open", title: "Show Plain Text", where: "palette" },
  { id: "marginalia.sample.open", title: "Open Sample Article", where: "palette" },
  { id: "marginalia.session.host", title: "Host a Session", where: "palette" },
  { id: "marginalia.session.join", title: "Join Session", where: "palette" },
  { id: "marginalia.session.leave", title: "Leave Session", where: "palette" },
  { id: "marginalia.session.copyInvite", title: "Copy Invite Link", where: "palette" },
  { id: "marginalia.session.showStatus", title: "Show Session Status", where: "palette" },
  { id: "marginalia.user.setName", title: "Set Your Name", where: "palette" },
  { id: "marginalia.annotations.export", title: "Export Annotations...", where: "palette" },
  { id: "marginalia.annotations.group", title: "Group Annotations By...", where: "palette" },
  { id: "marginalia.annotation.highlight", title: "Highlight Passage", where: "palette" },
  { id: "marginalia.annotation.comment", title: "Comment on Passage", where: "palette" },
  { id: "marginalia.annotation.question", title: "Ask About Passage", where: "palette" },
  { id: "marginalia.annotation.claim", title: "Mark Passage as Claim", where: "palette" },
  { id: "marginalia.annotation.evidence", title: "Mark Passage as Evidence", where: "palette" },
  { id: "marginalia.annotation.source", title: "Mark Passage as Source", where: "palette" },
  { id: "marginalia.annotation.next", title: "Next Annotation", where: "palette" },
  { id: "marginalia.annotation.previous", title: "Previous Annotation", where: "palette" },
  { id: "marginalia.annotation.nextUnread", title: "Next Unread Annotation", where: "palette" },
  { id: "marginalia.annotation.undo", title: "Undo Annotation Change", where: "palette" },
  { id: "marginalia.annotation.redo", title: "Redo Annotation Change", where: "palette" },
  { id: "marginalia.text.undo", title: "Undo in Shared Text", where: "menu" },
  { id: "marginalia.text.redo", title: "Redo in Shared Text", where: "menu" },
  { id: "marginalia.annotation.reveal", title: "Reveal Annotation", where: "menu" },
  { id: "marginalia.sentence.next", title: "Next Sentence", where: "palette" },
  { id: "marginalia.sentence.previous", title: "Previous Sentence", where: "palette" },
  { id: "marginalia.sentence.extend", title: "Extend to Next Sentence", where: "palette" },
  { id: "marginalia.outline.toggle", title: "Toggle Outline", where: "palette" },
  { id: "marginalia.filter.toggle", title: "Toggle Filter", where: "palette" },
  { id: "marginalia.comment.create", title: "Comment", where: "menu" },
  { id: "marginalia.comment.reply", title: "Reply", where: "menu" },
  { id: "marginalia.comment.resolve", title: "Resolve", where: "menu" },
  { id: "marginalia.comment.reopen", title: "Reopen", where: "menu" },
  { id: "marginalia.comment.edit", title: "Edit", where: "menu" },
  { id: "marginalia.comment.save", title: "Save", where: "menu" },
  { id: "marginalia.comment.cancel", title: "Cancel", where: "menu" },
  { id: "marginalia.comment.delete", title: "Delete", where: "menu" },
  { id: "marginalia.log.show", title: "Show Log", where: "palette" },
] as const satisfies readonly CommandRow[];

export type CommandId = (typeof COMMANDS)[number]["id"];

/** What runs when the command is called; the arguments are whatever a menu, tree or link passed. */
export type CommandHandlers = { [Id in CommandId]: (...args: unknown[]) => unknown };
