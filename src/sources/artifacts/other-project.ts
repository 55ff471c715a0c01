import { createHash } from 'node:crypto';
import type { Invocation } from '../../normalize/artifacts/invocation.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/**
 * What a manifest of another project than `project` calls itself; null when it is of this one, or any is welcome.
 * Manifests before dbt 1.7 do not name their project, but tell the MD5 of its name.
 */
export function otherProject({ projectName, projectId }: Invocation, project: string | null): string | null {
  if (project === null) return null;
  if (projectName !== null) return projectName === project ? null : `the project ${projectName}`;
  return projectId === null || projectId === md5(project) ? null : 'another project';
}
