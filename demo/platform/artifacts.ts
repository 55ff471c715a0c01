export type JsonObject = Record<string, unknown>;

/** What dbt writes about a node in manifest.json, as far as the platform serves it; absent and null mean the same. */
export interface ManifestNode {
  unique_id: string;
  name: string;
  resource_type: string;
  package_name?: string;
  original_file_path?: string | null;
  description?: string | null;
  tags?: string[] | string | null;
  meta?: JsonObject | null;
  config?: JsonObject | null;
  database?: string | null;
  schema?: string | null;
  alias?: string | null;
  identifier?: string | null;
  access?: string | null;
  group?: string | null;
  version?: string | number | null;
  latest_version?: string | number | null;
  deprecation_date?: string | null;
  contract?: { enforced?: boolean | null } | boolean | null;
  raw_code?: string | null;
  raw_sql?: string | null;
  compiled_code?: string | null;
  compiled_sql?: string | null;
  depends_on?: { nodes?: string[] | null } | null;
  columns?: Record<string, ManifestColumn> | null;
  source_name?: string | null;
  source_description?: string | null;
  loader?: string | null;
  freshness?: FreshnessCriteria | null;
  test_metadata?: { name?: string | null; namespace?: string | null; kwargs?: JsonObject | null } | null;
  column_name?: string | null;
  attached_node?: string | null;
  tested_node_unique_id?: string | null;
  model?: string | null;
  label?: string | null;
  type?: string | null;
  maturity?: string | null;
  url?: string | null;
  owner?: { name?: string | null; email?: string | string[] | null } | null;
  type_params?: JsonObject | null;
  filter?: JsonObject | null;
  dimensions?: JsonObject[] | null;
  entities?: JsonObject[] | null;
  measures?: JsonObject[] | null;
  query_params?: JsonObject | null;
  exports?: { name?: string; config?: JsonObject | null }[] | null;
  macro_sql?: string | null;
  arguments?: JsonObject[] | null;
}

export interface ManifestColumn {
  name?: string;
  description?: string | null;
  tags?: string[] | null;
  meta?: JsonObject | null;
  config?: { tags?: string[] | null; meta?: JsonObject | null } | null;
}

export interface FreshnessPeriod {
  count?: number | null;
  period?: string | null;
}

export interface FreshnessCriteria {
  warn_after?: FreshnessPeriod | null;
  error_after?: FreshnessPeriod | null;
}

export type Nodes = Record<string, ManifestNode>;

export interface Manifest {
  metadata: { generated_at: string; dbt_version?: string; project_name?: string | null; adapter_type?: string | null };
  nodes: Nodes;
  sources?: Nodes;
  exposures?: Nodes;
  metrics?: Nodes;
  semantic_models?: Nodes;
  saved_queries?: Nodes;
  unit_tests?: Nodes;
  groups?: Nodes;
  macros?: Nodes;
}

export interface RunResult {
  unique_id: string;
  status: string;
  message?: string | null;
  failures?: number | null;
  execution_time?: number | null;
  compiled_code?: string | null;
  timing?: { name: string; started_at?: string | null; completed_at?: string | null }[] | null;
}

export interface RunResults {
  metadata: { generated_at: string; dbt_version?: string };
  args?: { which?: string; rpc_method?: string } | null;
  results: RunResult[];
}

export interface CatalogEntry {
  metadata?: { type?: string | null; comment?: string | null; owner?: string | null } | null;
  columns?: Record<string, { name?: string; index?: number; type?: string | null; comment?: string | null }> | null;
  stats?: Record<string, { value?: unknown }> | null;
}

export interface Catalog {
  metadata: { generated_at: string };
  nodes?: Record<string, CatalogEntry>;
  sources?: Record<string, CatalogEntry>;
}

export interface FreshnessResult {
  unique_id: string;
  status: string;
  max_loaded_at?: string | null;
  snapshotted_at?: string | null;
  max_loaded_at_time_ago_in_s?: number | null;
}

export interface SourcesArtifact {
  metadata: { generated_at: string };
  results: FreshnessResult[];
}

/** The file names of the four artifacts, and what each holds. */
export interface Artifacts {
  'manifest.json': Manifest;
  'run_results.json': RunResults;
  'catalog.json': Catalog;
  'sources.json': SourcesArtifact;
}
