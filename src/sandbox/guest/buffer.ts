/** Runs inside the guest, sent as source text: as much of Node's Buffer as reading text needs. */
export type GuestBuffer = ReturnType<typeof guestBuffer>;

export function guestBuffer() {
  const utf8 = (text: string) => {
    const bytes = unescape(encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, "\ufffd"))); // one char a byte
    return Uint8Array.from(bytes, (char) => char.charCodeAt(0));
  };
  const binary = (bytes: Uint8Array) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return text;
  };
  const digits = (byte: number) => byte.toString(16).padStart(2, "0");

  return class Buffer extends Uint8Array {
    static override from(source: unknown): Buffer {
      const bytes = typeof source === "string" ? utf8(source) : new Uint8Array(source as ArrayLike<number>);
      const buffer = new Buffer(bytes.length);
      buffer.set(bytes);
      return buffer;
    }
    static alloc(length: number): Buffer {
      return new Buffer(length);
    }
    static concat(parts: readonly unknown[]): Buffer {
      const buffers = parts.map((part) => Buffer.from(part));
      const whole = new Buffer(buffers.reduce((sum, buffer) => sum + buffer.length, 0));
      let at = 0;
      for (const buffer of buffers) {
        whole.set(buffer, at);
        at += buffer.length;
      }
      return whole;
    }
    static isBuffer(value: unknown): boolean {
      return value instanceof Buffer;
    }
    static byteLength(text: string): number {
      return utf8(text).length;
    }
    override toString(encoding: unknown = "utf8"): string {
      if (encoding === "hex") return Array.from(this, digits).join("");
      const text = binary(this);
      if (encoding === "latin1" || encoding === "binary" || encoding === "ascii") return text;
      try {
        return decodeURIComponent(escape(text));
      } catch {
        return text; // no UTF-8: as it stands
      }
    }
  };
}
