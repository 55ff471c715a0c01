import type { Command } from 'commander';

/** Adds the options that describe one integration, so that a command can do without a configuration file. */
export function describingOptions(command: Command): Command {
  return command
    .option('--access-url <url>', "the account's access URL, such as https://ab123.us1.dbt.com")
    .option('--discovery-url <url>', 'the whole Discovery endpoint, instead of the one derived from the access URL')
    .option('--admin-url <url>', 'the host of the Admin API, if it is not that of the access URL')
    .option('--account-id <id>')
    .option('--project-id <id>')
    .option('--environment-id <id>', 'the environment (default: the production environment)')
    .option('--job-id <id>', 'take only the results of this job')
    .option('--token-env <variable>', 'environment variable that holds the token')
    .option('--token-file <path>', 'file that holds the token')
    .option('--no-run-history', 'take the last state alone, without the results of every run')
    .option('--artifacts <folder>', "a folder with dbt's artifacts, such as target, instead of the dbt platform")
    .option('--name <name>', 'name of the integration (default: default)');
}
