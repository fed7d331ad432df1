# SPDX-License-Identifier: ISC
# fish completion for rrdnsctl: the program itself knows what fits.
function __rrdnsctl
    set -l words (commandline -opc) (commandline -ct)
    rrdnsctl -- _complete $words[2..-1] 2>/dev/null
end
complete -c rrdnsctl -f -a '(__rrdnsctl)'
complete -c rrdnsctl -n '__fish_seen_subcommand_from add-service replay' -F
complete -c rrdnsctl -s s -l socket -r -F -d 'the api_socket of the daemon'
complete -c rrdnsctl -s u -l url -x -d 'its listen address'
complete -c rrdnsctl -s k -l token -r -F -d 'holds the api_token'
