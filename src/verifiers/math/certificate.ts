/** Why an answer was accepted: the rung of the ladder, so that weak accepts can be audited or weighted. */

export type Certificate =
  /** The same text, or the same normal-form string. */
  | { readonly kind: "string" }
  /** Equal rational numbers. */
  | { readonly kind: "exact" }
  /** Identical rational functions; `terms` of the cross product. */
  | { readonly kind: "normal-form"; readonly terms: number }
  /** Equal in two finite fields; wrong with probability below degree/2^61. */
  | { readonly kind: "modular"; readonly primes: readonly ["2^61-1", "2^89-1"] }
  /** Equal at so many points, of which some with so many digits. */
  | { readonly kind: "numeric"; readonly points: number; readonly digits: number }
  /** Equal after rounding; by the rule that the options name. */
  | { readonly kind: "rounded"; readonly rule: string }
  | { readonly kind: "text" }
  | { readonly kind: "choice" }
  /** A structure whose parts are equal; the weakest part. */
  | { readonly kind: "structure"; readonly type: string; readonly parts: number; readonly weakest: Certificate };

const STRENGTH = ["string", "exact", "normal-form", "modular", "text", "choice", "numeric", "rounded"];

export function strengthOf(certificate: Certificate): number {
  return certificate.kind === "structure" ? strengthOf(certificate.weakest) : STRENGTH.indexOf(certificate.kind);
}

/** One certificate for all parts. */
export function structure(type: string, parts: readonly Certificate[]): Certificate {
  const weakest = parts.reduce<Certificate>((a, b) => (strengthOf(b) > strengthOf(a) ? b : a), { kind: "string" });
  return {
    kind: "structure",
    type,
    parts: parts.length,
    weakest: weakest.kind === "structure" ? weakest.weakest : weakest,
  };
}

/** In words. */
export function certificateText(certificate: Certificate): string {
  switch (certificate.kind) {
    case "string":
      return "the same text";
    case "exact":
      return "equal rational numbers";
    case "normal-form":
      return "the same normal form";
    case "modular":
      return "equal in two finite fields";
    case "numeric":
      return `equal at ${certificate.points} points, ${certificate.digits} digits`;
    case "rounded":
      return `equal after rounding (${certificate.rule})`;
    case "text":
      return "the same words";
    case "choice":
      return "the same choice";
    case "structure":
      return `${certificate.type}: ${certificateText(certificate.weakest)}`;
    default:
      return certificate satisfies never;
  }
}
