/** JSON that can stand in a script element: no text in it can end that element, or begin a comment. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
