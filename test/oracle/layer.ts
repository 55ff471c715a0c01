const layers: readonly { layer: string; prefix: RegExp; folders: readonly string[] }[] = [
  { layer: 'mart', prefix: /^(fct|dim)_/, folders: ['marts'] },
  { layer: 'intermediate', prefix: /^int_/, folders: ['int', 'intermediate'] },
  { layer: 'staging', prefix: /^stg_/, folders: ['staging'] },
];

/** The modelling layer by dbt's naming rule: a prefix of the model's name tells before a folder of its path does. */
export function layerOf(name: string, filePath: string): string {
  const folders = filePath.split(/[\\/]/).slice(0, -1);
  const told =
    layers.find(({ prefix }) => prefix.test(name)) ??
    layers.find((layer) => layer.folders.some((folder) => folders.includes(folder)));
  return told?.layer ?? 'other';
}
