/**
 * Preference data as people collect it: six kinds of records, each a schema. What other projects' files hold becomes one of
 * them in layouts.ts; what trains is made of them in convert.ts.
 */
import { z } from "zod";

export const Message = z.looseObject({ role: z.string(), content: z.string() });

/** A text, or a conversation. */
export const Text = z.union([z.string(), z.array(Message).min(1)]);
export type Text = z.infer<typeof Text>;

/** Who said it and where it comes from: on every record. */
const Provenance = {
  id: z.string().optional().describe("unique in the file; its line number if left out"),
  annotator: z.string().optional().describe("who judged; needed for agreement and weights"),
  source: z.string().optional().describe('what made the judgment, such as "human" or a judge model\'s name'),
};

export const Comparison = z.object({
  kind: z.literal("comparison"),
  ...Provenance,
  prompt: Text,
  chosen: Text,
  rejected: Text,
  margin: z.number().min(0).optional().describe("by how much it was found better, in the annotator's points"),
  target: z.number().min(0).max(1).optional().describe("share of annotators for the chosen one; 1 if left out"),
  weight: z.number().min(0).optional().describe("in the mean loss; 1 if left out"),
});
export type Comparison = z.infer<typeof Comparison>;

export const Ranking = z.object({
  kind: z.literal("ranking"),
  ...Provenance,
  prompt: Text,
  completions: z.array(Text).min(2).max(16),
  ranks: z.array(z.number()).describe("1 for the best; equal ranks are ties"),
});
export type Ranking = z.infer<typeof Ranking>;

export const Rating = z.object({
  kind: z.literal("rating"),
  ...Provenance,
  prompt: Text,
  completions: z.array(Text).min(1),
  ratings: z.array(z.number()).describe("points of each completion on one scale"),
});
export type Rating = z.infer<typeof Rating>;

export const AttributeRating = z.object({
  kind: z.literal("attributes"),
  ...Provenance,
  prompt: Text,
  completions: z.array(Text).min(1),
  ratings: z.array(z.record(z.string(), z.number())).describe("points of each completion by attribute"),
});
export type AttributeRating = z.infer<typeof AttributeRating>;

export const Feedback = z.object({
  kind: z.literal("feedback"),
  ...Provenance,
  prompt: Text,
  completion: Text,
  feedback: z.string().describe("what was said of it, in words"),
});
export type Feedback = z.infer<typeof Feedback>;

export const Unpaired = z.object({
  kind: z.literal("unpaired"),
  ...Provenance,
  prompt: Text,
  completion: Text,
  desirable: z.boolean(),
});
export type Unpaired = z.infer<typeof Unpaired>;

export const PreferenceRecord = z
  .discriminatedUnion("kind", [Comparison, Ranking, Rating, AttributeRating, Feedback, Unpaired])
  .superRefine((record, context) => {
    const numbers = "ranks" in record ? record.ranks : "ratings" in record ? record.ratings : null;
    if (numbers === null || !("completions" in record) || numbers.length === record.completions.length) return;
    const name = "ranks" in record ? "ranks" : "ratings";
    context.addIssue({
      code: "custom",
      path: [name],
      message: `has ${numbers.length} ${name} for ${record.completions.length} completions`,
    });
  });
export type PreferenceRecord = z.infer<typeof PreferenceRecord>;

/** A text as one string, for comparing and measuring: a conversation as its messages with their roles. */
export function plainText(text: Text): string {
  return typeof text === "string" ? text : text.map(({ role, content }) => `${role}: ${content}`).join("\n");
}
