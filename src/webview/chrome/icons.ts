/** The view's signs: 16 by 16, drawn in the colour of the text around them. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

const PATHS = {
  // the signs of kinds are those of VS Code's own icons in the trees
  claim: svg`<path d="M14.200 2.800v10.400L2.800 9.900a1 1 0 0 1-.8-1V7.100a1 1 0 0 1 .8-1ZM4.800 10.600v.6a2.500 2.500 0 0 0 5 .8" />`,
  evidence: svg`<path d="M5.500 1.800h5M6.300 1.800v4.500L2.800 13c-.3.700 0 1.200.7 1.200h9c.7 0 1-.5.7-1.200L9.700 6.300V1.800M4.600 9.700h6.800" />`,
  source: svg`<path d="M8 4.2C6.4 3 4.4 2.7 1.8 2.9v9.6c2.600-.2 4.600.1 6.200 1.300 1.600-1.200 3.600-1.500 6.200-1.300V2.900c-2.600-.2-4.600.1-6.200 1.300Zm0 0v9.400" />`,
  question: svg`<path d="M5.200 5.600a2.800 2.800 0 1 1 4.300 2.400C8.500 8.600 8 9.200 8 10.400" /><circle cx="8" cy="13" r=".6" fill="currentColor" />`,
  comment: svg`<path d="M2 3h12v8.500H8L4.800 14v-2.500H2Z" />`,
  highlight: svg`<path d="m9.800 2.200 4 4-6 6H4.500L3.800 11l.2-3Zm-8 12.300h12.400" />`,
  outline: svg`<path d="M2 3.500h12M4.500 8H14M4.500 12.500H14" />`,
  filter: svg`<path d="M1.800 2.500h12.400L9.500 8.200v5l-3 1V8.200Z" />`,
  share: svg`<circle cx="6" cy="5" r="2.600" /><path d="M1.300 13.800c.2-3 2-4.600 4.700-4.600s4.500 1.600 4.700 4.600M12.500 4.500v5M10 7h5" />`,
  export: svg`<path d="M8 10V1.800M4.800 4.800 8 1.600l3.200 3.200M2.500 9v5h11V9" />`,
  reply: svg`<path d="M6.500 3 2 7.300l4.500 4.200V8.900c3.700-.2 6 .9 7.500 3.600 0-4.600-2.700-6.700-7.500-6.900Z" />`,
  check: svg`<path d="m2.500 8.700 3.700 3.800 7.300-9" />`,
  reopen: svg`<path d="M13.500 8A5.500 5.500 0 1 1 11.600 3.800M13.700 1.500v3.200h-3.200" />`,
  edit: svg`<path d="m10.500 2.500 3 3-7.800 7.800-3.700.700.700-3.700Z" />`,
  trash: svg`<path d="M2.500 4h11M6 4V2.200h4V4M4 4l.7 10h6.600L12 4M6.700 6.800v4.500M9.300 6.800v4.500" />`,
  link: svg`<path d="M6.700 9.300 9.300 6.700M7.200 4.800l1.700-1.700a2.800 2.800 0 0 1 4 4l-1.700 1.700M8.800 11.200l-1.700 1.700a2.800 2.800 0 0 1-4-4l1.700-1.700" />`,
  more: svg`<g fill="currentColor" stroke="none"><circle cx="3" cy="8" r="1.300" /><circle cx="8" cy="8" r="1.300" /><circle cx="13" cy="8" r="1.300" /></g>`,
  close: svg`<path d="m3.500 3.500 9 9m0-9-9 9" />`,
  hide: svg`<path d="M1.500 8C3 5.200 5.200 3.800 8 3.800S13 5.200 14.500 8c-1.500 2.800-3.700 4.200-6.500 4.200S3 10.800 1.500 8ZM2.500 13.500l11-11" />`,
  show: svg`<path d="M1.500 8C3 5.200 5.200 3.800 8 3.800S13 5.200 14.500 8c-1.500 2.800-3.700 4.200-6.500 4.200S3 10.800 1.500 8Z" /><circle cx="8" cy="8" r="1.800" />`,
  react: svg`<circle cx="8" cy="8" r="6" /><path d="M5.300 9.300c1.200 2 4.200 2 5.400 0M5.800 6.200v.3M10.200 6.200v.3" />`,
  mention: svg`<circle cx="8" cy="8" r="2.600" /><path d="M10.600 5.400v3.400c0 2.400 3.200 2.200 3.200-.8A5.800 5.800 0 1 0 11 13" />`,
  warning: svg`<path d="M8 2 1.500 13.500h13ZM8 6.500v3.500M8 11.800v.2" />`,
  changed: svg`<path d="M2 5h9.500M9 2.500 11.500 5 9 7.500M14 11H4.500M7 8.500 4.500 11 7 13.500" />`,
  lost: svg`<path d="M6.700 9.300 5 11a2.800 2.800 0 0 1-4-4l1.700-1.700M9.300 6.700 11 5a2.800 2.800 0 0 1 4 4l-1.700 1.700M5.500 2v2M10.500 12v2M2.500 13l1.300-1.300" />`,
  keys: svg`<path d="M1.500 4h13v8.500h-13ZM4 6.700h.4M6.700 6.700h.4M9.300 6.700h.4M12 6.700h.200M4.500 10h7" />`,
  code: svg`<path d="M5.500 4 1.800 8l3.700 4M10.500 4l3.700 4-3.700 4" />`,
  send: svg`<path d="M2 8h11M9 4l4 4-4 4" />`,
  saved: svg`<path d="M4.500 12.500a3 3 0 0 1-.3-6A4 4 0 0 1 12 7a2.800 2.800 0 0 1-.5 5.500ZM6 9.300l1.600 1.500L10.300 8" />`,
  syncing: svg`<path d="M13.500 8A5.500 5.500 0 0 1 3.700 11.500M2.500 8a5.500 5.500 0 0 1 9.800-3.500M12.700 1.800v3H9.800M3.300 14.200v-3h2.900" />`,
  offline: svg`<path d="M4.500 12.500a3 3 0 0 1-.3-6A4 4 0 0 1 12 7a2.800 2.800 0 0 1-.5 5.500ZM2 14.500l11-12" />`,
  refused: svg`<circle cx="8" cy="8" r="6" /><path d="m3.800 3.800 8.400 8.400" />`,
  alone: svg`<circle cx="8" cy="5" r="2.800" /><path d="M2.800 14c.2-3.200 2.200-5 5.200-5s5 1.800 5.200 5" />`,
  previous: svg`<path d="m3.500 10 4.500-4.500 4.500 4.500" />`,
  next: svg`<path d="m3.500 6 4.500 4.500L12.500 6" />`,
  back: svg`<path d="M13 3v4.500H3.500M6.500 4.500l-3 3 3 3" />`,
} as const satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof PATHS;

/** Never the only bearer of a meaning: text or a label stands beside it. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${PATHS[name]}</svg>`;
}
