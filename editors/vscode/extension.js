// Starts `fireball debug --dap`, which does all the rest.
const vscode = require('vscode');

exports.activate = (context) => {
  const factory = {
    createDebugAdapterDescriptor: () => {
      const command = vscode.workspace.getConfiguration('fireball').get('command');
      return new vscode.DebugAdapterExecutable(command, ['debug', '--dap']);
    },
  };
  context.subscriptions.push(vscode.debug.registerDebugAdapterDescriptorFactory('fireball', factory));
};

exports.deactivate = () => undefined;
