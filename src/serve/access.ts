/** Who may talk to the server. */
import { createHash, timingSafeEqual } from "node:crypto";
import { RlvrError } from "../errors.ts";
import { Refusal } from "./refusal.ts";

/** Whoever listens there is on this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** @throws E_CONFIG for an address that others can reach, without a token */
export function checkExposure(host: string, token: string): void {
  if (token !== "" || isLoopback(host)) return;
  throw new RlvrError("E_CONFIG", `host is ${JSON.stringify(host)}, which others can reach, and there is no token`, {
    hint: "Set RLVR_TOKEN to a text of 16 characters or more, or listen on 127.0.0.1.",
  });
}

/**
 * Checks a request; without a token only that it asks for this machine, so that no web page can reach the server under a
 * name of its own that it lets point here.
 *
 * @throws {Refusal} unauthorized, wrong_host
 */
export function createAccessCheck(token: string): (headers: Headers) => void {
  if (token === "") return checkHost;
  const wanted = digest(token);
  return (headers) => {
    const given = givenToken(headers.get("authorization") ?? "");
    if (given !== null && timingSafeEqual(digest(given), wanted)) return;
    const came = given === null ? "no token came" : "the token is wrong";
    const hint = "Send authorization: Bearer <token>, or http://any:<token>@host… where a client takes only a URL.";
    throw new Refusal("unauthorized", came, hint, { "www-authenticate": 'Bearer realm="rlvr"' });
  };
}

function checkHost(headers: Headers): void {
  const host = headers.get("host");
  if (host === null || isLoopback(host.replace(/:\d+$/, ""))) return;
  throw new Refusal(
    "wrong_host",
    `the request is for ${JSON.stringify(host.slice(0, 120))}, expected this machine`,
    "Start the server with a token to reach it under other names.",
  );
}

/** Of equal length whatever is given, so that the comparison takes equal time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** A bearer token, or the password of basic authentication, whatever its user. */
function givenToken(authorization: string): string | null {
  const [, scheme = "", value = ""] = /^(\w+) +(\S+) *$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return value;
    case "basic": {
      const text = Buffer.from(value, "base64").toString("utf8");
      const colon = text.indexOf(":");
      return colon < 0 ? null : text.slice(colon + 1);
    }
    default:
      return null;
  }
}
