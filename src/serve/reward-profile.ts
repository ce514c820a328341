/** NeMo Gym's baseline statistics: of every number of the replies, over each task and over all. */

type Reply = Readonly<Record<string, unknown>>;

export interface RewardProfile {
  readonly group_level_metrics: Record<string, number>[];
  readonly agent_metrics: Record<string, number>;
  readonly key_metrics: Record<string, number>;
}

/** Which problem a reply belongs to, and which of its rollouts it is. */
const TASK_INDEX = "_ng_task_index";
const ROLLOUT_INDEX = "_ng_rollout_index";

/** Fields are named statistic/field: `mean/reward`. Booleans count as 0 and 1; replies that are masked do not count. */
export function profile(replies: readonly Reply[]): RewardProfile {
  const valid = replies.filter(({ mask_sample }) => mask_sample !== true);
  const groups = new Map<number, Reply[]>();
  for (const reply of valid) {
    const task = typeof reply[TASK_INDEX] === "number" ? reply[TASK_INDEX] : 0;
    groups.set(task, [...(groups.get(task) ?? []), reply]);
  }
  const agent = statisticsOf(valid);
  return {
    group_level_metrics: [...groups]
      .sort(([a], [b]) => a - b)
      .map(([task, group]) => ({ ...statisticsOf(group), [TASK_INDEX]: task })),
    agent_metrics: agent,
    key_metrics: Object.fromEntries(Object.entries(agent).filter(([name]) => name.startsWith("mean/"))),
  };
}

function statisticsOf(replies: readonly Reply[]): Record<string, number> {
  const columns = new Map<string, number[]>();
  for (const reply of replies) {
    for (const [name, value] of numbersOf(reply)) {
      const column = columns.get(name);
      if (column === undefined) columns.set(name, [value]);
      else column.push(value);
    }
  }
  return Object.fromEntries([...columns].flatMap(([name, values]) => statistics(name, values)));
}

function numbersOf(reply: Reply): [string, number][] {
  return Object.entries(reply).flatMap(([name, value]): [string, number][] => {
    if (name === TASK_INDEX || name === ROLLOUT_INDEX || name === "mask_sample") return [];
    if (typeof value === "boolean") return [[name, Number(value)]];
    return typeof value === "number" ? [[name, value]] : [];
  });
}

/** std has n − 1 in its divisor, and is 0 for a single value. */
function statistics(name: string, values: readonly number[]): [string, number][] {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const middle = count >> 1;
  return [
    [`mean/${name}`, mean],
    [`max/${name}`, sorted[count - 1]!],
    [`min/${name}`, sorted[0]!],
    [`median/${name}`, count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2],
    [`std/${name}`, count > 1 ? Math.sqrt(squares / (count - 1)) : 0],
  ];
}
