import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FULL } from '../size.ts';

/** Artifacts of real projects, beside the repository and not part of it: their licences vary. */
export const CORPUS = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));

export const hasCorpus = existsSync(CORPUS);
if (!hasCorpus) console.warn(`There is no corpus of artifacts in ${CORPUS}: THE TESTS ON REAL ARTIFACTS ARE SKIPPED.`);

/** Sets that show what few others do: each is read in every run. */
const TELLING = [
  'AIGUL-AIDA__vertica_test_project__v0-vertica',
  'BenjaminLevain__sumup__v9-1.5.2-snowflake-3b1510b',
  'InfuseAI__piperider__manifest-mock_dbt_data',
  'MetaphorData__connectors__v11-1.7.3-snowflake-ride_share-5fb27f4',
  'OpenLineage__OpenLineage__v12-1.8.6-snowflake-no_test_metadata-0cf2d70',
  'OpenLineage__OpenLineage__v12-1.8.6-snowflake-no_test_metadata-5a21caa',
  'Snowflake-Labs__dbt_constraints__v20-2.0.0-preview.29-snowflake-7b249d9',
  'TicketSwap__tap-dbt-artifacts__v12-1.9.1-redshift-deb17e0',
  'coderxio__sagerx__v9-1.5.1-postgres-7347e9f',
  'npbeard__procurement-intelligence__v12-2.0.0-preview.183-databricks-f795f31',
  'yu-iskw__dbt-artifacts-parser__v12-1.12',
];

const EVERY = 6;

export const allSets: readonly string[] = hasCorpus
  ? readdirSync(CORPUS, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
  : [];

/** Every set where long tests are whole, else a sample. */
export const sets: readonly string[] = FULL
  ? allSets
  : allSets.filter((set, index) => TELLING.includes(set) || index % EVERY === 0);

export const folderOf = (set: string) => join(CORPUS, set);
