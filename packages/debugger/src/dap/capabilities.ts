import type { DebugProtocol } from '@vscode/debugprotocol';

/** What `setExceptionBreakpoints` takes. */
export const trapFilter: DebugProtocol.ExceptionBreakpointsFilter = {
  filter: 'trap',
  label: 'Traps, before they end the call',
  supportsCondition: true,
  conditionDescription: 'a kind of trap, such as integer divide by zero; all where it is empty',
};

/** What clients may ask of the adapter. */
export const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  exceptionBreakpointFilters: [trapFilter],
  supportsExceptionFilterOptions: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsSetVariable: true,
  supportsSetExpression: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsReadMemoryRequest: true,
  supportsWriteMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsSteppingGranularity: true,
  supportsInstructionBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsLogPoints: true,
  supportsLoadedSourcesRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsTerminateRequest: true,
  supportsExceptionInfoRequest: true,
  supportsCompletionsRequest: true,
};
