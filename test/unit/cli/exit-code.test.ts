import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { codeOfError, type ExitCode, worst } from '../../../src/cli/exit-code.ts';
import { FatalError, SyncError } from '../../../src/domain/errors.ts';

describe('the code of several integrations', () => {
  it.each<[ExitCode[], ExitCode]>([
    [[], 0],
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1, 0], 1],
    [[1, 2, 3], 2],
    [[2, 130], 130],
  ])('of %j is %d', (codes, expected) => {
    expect(worst(codes)).toBe(expected);
  });
});

describe('the code of an error', () => {
  it.each([
    ['a configuration that a person must change', new FatalError('no such environment'), 2],
    ['a pass that may succeed another time', new SyncError('no answer'), 1],
    ['anything unforeseen', new TypeError('undefined is not a function'), 1],
    ['a wrong command line', new CommanderError(1, 'commander.unknownOption', 'unknown option'), 2],
    ['help that was asked for', new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'), 0],
  ])('for %s', (_, error, expected) => {
    expect(codeOfError(error)).toBe(expected);
  });
});
