/**
 * All ways to combine three whole numbers with + − × ÷, each used once, in a fixed order.
 *
 * A try combines two of the numbers, then the result with the third. Every intermediate result is a positive whole number:
 * differences are larger minus smaller, quotients exact. Division by 1 is left out: it equals the product with 1.
 */
export type Operator = "+" | "-" | "*" | "/";

export interface Step {
  readonly left: number;
  readonly operator: Operator;
  readonly right: number;
  readonly result: number;
}

export interface Try {
  readonly first: Step;
  readonly second: Step;
  /** Both steps as one expression, with the parentheses it needs. */
  readonly expression: string;
}

/** Targets lie in 1..LIMIT, so a second step that leaves this range is no try. */
export const LIMIT = 100;

/** Tries in order: pairs (a,b), (a,c), (b,c); operators + - * /; first step, then second. At most 48. */
export function tries([a, b, c]: readonly [number, number, number]): Try[] {
  const found = new Map<string, Try>();
  for (const [left, right, third] of [
    [a, b, c],
    [a, c, b],
    [b, c, a],
  ] as const) {
    for (const first of stepsOf(left, right)) {
      for (const second of stepsOf(first.result, third)) {
        if (second.result > LIMIT) continue;
        const expression = expressionOf(first, second, third);
        // Equal numbers repeat a try under another pair.
        const key = `${stepText(first)},${stepText(second)}`;
        if (!found.has(key)) found.set(key, { first, second, expression });
      }
    }
  }
  return [...found.values()];
}

/** Every try that reaches the target, in the order of `tries`. */
export function solutions(numbers: readonly [number, number, number], target: number): Try[] {
  return tries(numbers).filter(({ second }) => second.result === target);
}

/**
 * A search written down: under each first step the second steps that were tried, `;` after each group.
 *
 * `3+7=10,10+25=35,25-10=15;3*7=21,21+25=46`
 */
export function trace(tried: readonly Try[]): string {
  let text = "";
  let open = "";
  for (const { first, second } of tried) {
    const head = stepText(first);
    if (head !== open) text += `${text === "" ? "" : ";"}${head}`;
    open = head;
    text += `,${stepText(second)}`;
  }
  return text;
}

export function stepText({ left, operator, right, result }: Step): string {
  return `${left}${operator}${right}=${result}`;
}

function stepsOf(a: number, b: number): Step[] {
  const [large, small] = a < b ? [b, a] : [a, b];
  const steps: Step[] = [{ left: a, operator: "+", right: b, result: a + b }];
  if (large > small) steps.push({ left: large, operator: "-", right: small, result: large - small });
  steps.push({ left: a, operator: "*", right: b, result: a * b });
  if (small > 1 && large % small === 0) {
    steps.push({ left: large, operator: "/", right: small, result: large / small });
  }
  return steps;
}

/** The second step with the first one in place of its result. `third` tells which side that is. */
function expressionOf(first: Step, second: Step, third: number): string {
  const inner = `${first.left}${first.operator}${first.right}`;
  const firstIsLeft = second.left === first.result && second.right === third;
  const additive = first.operator === "+" || first.operator === "-";
  const binds = second.operator === "*" || second.operator === "/";
  if (firstIsLeft) return `${binds && additive ? `(${inner})` : inner}${second.operator}${third}`;
  // On the right, only a product or quotient after + or - stands without parentheses: 9-(4-1), 24/(2*3), but 9-2*3.
  return `${third}${second.operator}${binds || additive ? `(${inner})` : inner}`;
}
