# SPDX-License-Identifier: ISC
# bash completion for rrdnsctl: the program itself knows what fits.

_rrdnsctl()
{
	local i word cur=${COMP_WORDS[COMP_CWORD]}
	local -a to=() words=()

	# bash splits at colons, too; IPv6 addresses and URLs are put together.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		local cword
		_get_comp_words_by_ref -n : -w words -i cword cur
	else
		words=("${COMP_WORDS[@]}")
		local cword=$COMP_CWORD
	fi
	words=("${words[@]:1:cword}")
	local -a rest=()
	for ((i = 0; i < ${#words[@]}; i++)); do
		word=${words[i]}
		case $word in
		-s | --socket | -u | --url | -k | --token)
			if ((i + 2 >= ${#words[@]})); then
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			fi
			to+=("$word" "${words[i + 1]}")
			((i++))
			;;
		--reason | --for)
			((i + 2 < ${#words[@]})) || return
			((i++))
			;;
		-*)
			if ((i + 1 == ${#words[@]})); then
				rest+=("$word")
			fi
			;;
		*)
			rest+=("$word")
			;;
		esac
	done
	if [[ ( ${rest[0]} == add-service || ${rest[0]} == replay ) && ${#rest[@]} -eq 2 && $cur != -* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(rrdnsctl "${to[@]}" -- _complete "${rest[@]}" 2>/dev/null)
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}
complete -F _rrdnsctl rrdnsctl
