/** Numbers from 0 to 1, the same ones for the same key. */
export type Random = () => number;

const WORDS = (
  'account active address amount area batch billing branch brand campaign canceled carrier category channel city code ' +
  'collected contract cost country created currency customer daily delivered discount document due duration email event ' +
  'expected fee first fiscal gross group hash header identifier inventory invoice item last ledger line location margin ' +
  'market measure member method month name net number order origin owner paid parcel partner payment period plan price ' +
  'product quantity quarter rate reason received refund region returned revenue sales season segment session shipped ' +
  'source stage status stock store subscription supplier tax team term ticket total type unit updated user vendor week'
).split(' ');

/** FNV-1a for the seed, mulberry32 for the numbers. */
export function seeded(key: string): Random {
  let state = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) state = Math.imul(state ^ key.charCodeAt(index), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[below(random, items.length)] ?? items[0];
}

export function words(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => WORDS[below(random, WORDS.length)] ?? 'word');
}

export function sentence(random: Random, count: number): string {
  const text = words(random, count).join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** A query of about the given length, with the line ends and the indentation of a hand-written one. */
export function query(random: Random, from: string, characters: number): string {
  const lines = ['with renamed as (', '', '    select'];
  let length = 60;
  while (length < characters) {
    const [first, second, third] = words(random, 3);
    const line = `        cast(${first}_${second} as varchar) as ${second}_${third}, -- ${sentence(random, 4)}`;
    lines.push(line);
    length += line.length + 1;
  }
  return [...lines, '        1 as is_row', `    from ${from}`, '', ')', '', 'select * from renamed'].join('\n');
}
