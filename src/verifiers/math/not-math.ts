/** Ends a parse: the tokens are no answer. Thrown and caught inside the parser. */
export class NotMath extends Error {}
