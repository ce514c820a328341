/**
 * Bytes written as printable characters, as GPT-2 does it: a byte that is one in Latin-1 stands for itself, the others for
 * U+0100 and up, in order. So a space is Ġ and a line feed Ċ.
 */
const PRINTABLE = /[!-~\u00a1-\u00ac\u00ae-\u00ff]/;

const CHARACTERS: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const itself = String.fromCharCode(byte);
    return PRINTABLE.test(itself) ? itself : String.fromCharCode(next++);
  });
})();
const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]));

const utf8 = new TextEncoder();

export function byteCharacters(text: string): string {
  return Array.from(utf8.encode(text), (byte) => CHARACTERS[byte]).join("");
}

/** The bytes of a token; one with a character that stands for no byte is text as it is. */
export function tokenBytes(token: string): Uint8Array {
  const bytes = Array.from(token, (character) => BYTES.get(character));
  return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : utf8.encode(token);
}
